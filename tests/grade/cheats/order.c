
/* ‮ this comment is shown in another order than the compiler reads it */
