#pragma once
/* yours */
