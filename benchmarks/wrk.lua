-- What the load generator sends, from its environment, and what it found, as one line for load.py.
local body = os.getenv("BENCH_BODY")
local paths = os.getenv("BENCH_PATHS")

wrk.method = os.getenv("BENCH_METHOD") or "GET"
if body then wrk.body = io.open(body, "rb"):read("*a") end

-- Several paths: requests are made once, and sent in turn.
if paths then
  local made, turn = {}, 0
  function init()
    for path in io.lines(paths) do made[#made + 1] = wrk.format(nil, path) end
  end
  function request()
    turn = turn % #made + 1
    return made[turn]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT %d %d %d %d %.1f %.1f\n", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
