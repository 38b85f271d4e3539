-- Takes the lease of a reserved thread. The same token again is the same open again.
local stream, meta, snapshot, timers, run, queue = unpack(KEYS, 1, 6)
local thread, stamp, token = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local have, span = tonumber(ARGV[4]), tonumber(ARGV[5])

local held = redis.call('HMGET', run, 'f', 'a', 'k', 'l')
local fence, attempts = tonumber(held[1] or 0), tonumber(held[2] or 0)
local log = redis.call('HMGET', meta, 'v', 'au', 'am')
local version = tonumber(log[1] or 0)
if not (held[3] == token and held[4]) then
  if tonumber(redis.call('ZSCORE', queue, thread) or -1) ~= stamp + 0.5 then
    return {now, 'BUSY'}
  end
  -- Not below the clock: an old fence stays void even if all execution keys are thrown away.
  fence = math.max(fence + 1, now)
  attempts = attempts + 1
  version = fire(stream, meta, timers, version)
  redis.call('HSET', run, 'f', fence, 'a', attempts, 'k', token, 'l', now + span)
  redis.call('HDEL', run, 'c', 'cv')
  redis.call('ZADD', queue, now + span, thread)
end

local folded = tonumber(redis.call('HGET', snapshot, 'v') or 0)
local data = false
if have > version then -- the server lost events that the worker saw: it starts afresh
  have = 0
end
if have < folded then
  data = redis.call('HGET', snapshot, 'd')
  have = folded
end
return {
  now, 'OK', fence, version, attempts, folded, data,
  redis.call('ZRANGE', timers, 0, -1, 'WITHSCORES'), read(stream, have),
  tonumber(log[2] or 0), log[3] or '',
}
