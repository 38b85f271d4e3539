-- The wait (ms) until the next place in a room that takes one message each `interval` ms. It is
-- taken, unless the wait is more than `most`.
local key, interval, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])

local free = math.max(now, tonumber(redis.call('GET', key) or '0'))
local wait = free - now
if wait <= most then
  redis.call('SET', key, free + interval, 'PX', wait + interval + 1000)
end
return {now, wait}
