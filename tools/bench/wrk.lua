-- What wrk adds up at its end, as one line for measure(). With PIPELINE=16 in the environment
-- each write carries so many requests; wrk counts their answers one by one.

local depth = tonumber(os.getenv("PIPELINE") or "1")

if depth > 1 then
	local batch

	function init()
		batch = string.rep(wrk.format(), depth)
	end

	function request()
		return batch
	end
end

function done(summary, latency)
	local e = summary.errors

	print(string.format("RESULT %d %d %d %d %d %d %d %d %d",
		summary.requests, summary.duration, summary.bytes,
		e.status, e.connect + e.read + e.write, e.timeout,
		latency:percentile(50), latency:percentile(99), latency.max))
end
