-- A dead letter gets all its attempts again. The same token again is the same revival again.
local run, queue, bell, dead = unpack(KEYS, 1, 4)
local thread, token = ARGV[1], ARGV[2]

if redis.call('HGET', run, 'r') == token then
  return {now, 1}
end
if redis.call('HDEL', dead, thread) == 0 then
  return {now, 0}
end
redis.call('HSET', run, 'a', 0, 'r', token)
redis.call('ZADD', queue, now, thread)
ring(bell)
return {now, 1}
