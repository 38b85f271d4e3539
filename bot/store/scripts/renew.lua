-- The heartbeat: the lease goes on, due timers become events. Replies the newest version.
local stream, meta, timers, run, queue = unpack(KEYS, 1, 5)
local thread, fence, span = ARGV[1], ARGV[2], tonumber(ARGV[3])

if not holds(run, fence) then
  return {now, 'FENCED'}
end
local version = tonumber(redis.call('HGET', meta, 'v') or 0)
version = fire(stream, meta, timers, version)
redis.call('HSET', run, 'l', now + span)
redis.call('ZADD', queue, now + span, thread)
return {now, 'OK', version}
