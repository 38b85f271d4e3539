-- Derived keys of one thread from what was folded at `version`. A dead letter stays one.
local meta, timers, run, queue, bell, dead, about, waiting, owing = unpack(KEYS, 1, 9)
local thread, version, summary, asks, unanswered = unpack(ARGV, 1, 5)

local lease = redis.call('HGET', run, 'l')
if lease and tonumber(lease) >= now then
  return {now, 0}
end
if redis.call('HGET', meta, 'v') ~= version then
  return {now, 0}
end
redis.call('DEL', timers)
for i = 6, #ARGV, 2 do
  redis.call('ZADD', timers, ARGV[i + 1], ARGV[i])
end
redis.call('HDEL', run, 'l', 'k', 'a', 'c', 'cv')
redis.call('HSET', about, thread, summary)
if asks == '1' then
  redis.call('SADD', waiting, thread)
else
  redis.call('SREM', waiting, thread)
end
redis.call('ZREM', owing, thread)
if redis.call('HEXISTS', dead, thread) == 0 then
  if unanswered ~= '' then
    redis.call('ZADD', owing, unanswered, thread)
  end
  redis.call('ZADD', queue, now, thread)
  ring(bell)
end
return {now, 1}
