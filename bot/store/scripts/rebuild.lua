-- Derived keys of one thread from what was folded at `version`. A dead letter stays one.
local meta, timers, run, queue, bell, dead, about, waiting = unpack(KEYS, 1, 8)
local thread, version, summary, asks = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local lease = redis.call('HGET', run, 'l')
if lease and tonumber(lease) >= now then
  return {now, 0}
end
if redis.call('HGET', meta, 'v') ~= version then
  return {now, 0}
end
redis.call('DEL', timers)
for i = 5, #ARGV, 2 do
  redis.call('ZADD', timers, ARGV[i + 1], ARGV[i])
end
redis.call('HDEL', run, 'l', 'k', 'a', 'c', 'cv')
redis.call('HSET', about, thread, summary)
if asks == '1' then
  redis.call('SADD', waiting, thread)
else
  redis.call('SREM', waiting, thread)
end
if redis.call('HEXISTS', dead, thread) == 0 then
  redis.call('ZADD', queue, now, thread)
  ring(bell)
end
return {now, 1}
