-- The wait (ms) until the next place in a room that takes one message each `interval` ms, and
-- `burst` of them at once after a pause. It is taken, unless the wait is more than `most`.
local key, interval = KEYS[1], tonumber(ARGV[1])
local most, burst = tonumber(ARGV[2]), tonumber(ARGV[3])

local free = math.max(now, tonumber(redis.call('GET', key) or '0'))
local wait = math.max(0, free - (burst - 1) * interval - now)
if wait <= most then
  redis.call('SET', key, free + interval, 'PX', free - now + interval + 1000)
end
return {now, wait}
