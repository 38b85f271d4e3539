-- The lease of a worker that is known to be dead: over, and the thread due at once.
local run, queue, bell = unpack(KEYS, 1, 3)
local thread, worker = ARGV[1], ARGV[2] .. '.'

local held = redis.call('HMGET', run, 'k', 'l')
if not held[1] or not held[2] or string.sub(held[1], 1, #worker) ~= worker then
  return {now, 0}
end
redis.call('HDEL', run, 'l', 'k')
redis.call('ZADD', queue, now, thread)
ring(bell)
return {now, 1}
