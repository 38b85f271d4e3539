-- Everything a worker decided, or nothing: guarded by the fence and by the version it was decided
-- on, idempotent by its id. `mode` keeps the lease, releases it, or sets the thread aside.
local stream, meta, snapshot, timers, run, queue, bell, dead, about, waiting = unpack(KEYS, 1, 10)
local thread, fence, id, expect = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local mode, reason, span = ARGV[5], ARGV[6], tonumber(ARGV[7])
local want, reservation = tonumber(ARGV[8]), tonumber(ARGV[9])
local folded, data = tonumber(ARGV[10]), ARGV[11]
local told, summary, asks, progress = ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local at = 16

local function list()
  local count = tonumber(ARGV[at])
  local first = at + 1
  return count, first
end

local held = redis.call('HMGET', run, 'f', 'l', 'c', 'cv')
if held[1] ~= fence then
  return {now, 'FENCED'}
end
if held[3] == id then
  return {now, 'OK', tonumber(held[4]), 0, {}}
end
local version = tonumber(redis.call('HGET', meta, 'v') or 0)
if not held[2] or version < expect then
  return {now, 'FENCED'}
end
if version > expect then
  return {now, 'CONFLICT', version, read(stream, expect)}
end

local count, first = list()
for i = first, first + count - 1 do
  version = version + 1
  write(stream, version, ARGV[i])
end
if count > 0 then
  redis.call('HSET', meta, 'v', version)
end
if progress == '1' then
  redis.call('HSET', run, 'a', 0)
end
at = first + count
count, first = list()
for i = first, first + 2 * count - 1, 2 do
  redis.call('ZADD', timers, ARGV[i + 1], ARGV[i])
end
at = first + 2 * count
count, first = list()
for i = first, first + count - 1 do
  redis.call('ZREM', timers, ARGV[i])
end
if folded > 0 then
  redis.call('HSET', snapshot, 'v', folded, 'd', data)
end
if told == '1' then
  redis.call('HSET', about, thread, summary)
  if asks == '1' then
    redis.call('SADD', waiting, thread)
  else
    redis.call('SREM', waiting, thread)
  end
end
redis.call('HSET', run, 'c', id, 'cv', version)

if mode == 'keep' then
  redis.call('HSET', run, 'l', now + span)
  redis.call('ZADD', queue, now + span, thread)
  return {now, 'OK', version, 0, {}}
end
redis.call('HDEL', run, 'l', 'k')
if mode == 'aside' then
  redis.call('ZREM', queue, thread)
  redis.call('HSET', dead, thread, reason)
  return {now, 'OK', version, 0, {}}
end
local timer = redis.call('ZRANGE', timers, 0, 0, 'WITHSCORES')
if timer[2] then
  redis.call('ZADD', queue, timer[2], thread)
  if tonumber(timer[2]) <= now then
    ring(bell)
  end
else
  redis.call('ZREM', queue, thread)
end
local stamp, taken = 0, {}
if want > 0 then
  stamp, taken = reserve(queue, want, reservation)
end
return {now, 'OK', version, stamp, taken}
