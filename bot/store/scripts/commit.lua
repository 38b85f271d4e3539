-- Everything a worker decided, or nothing: guarded by the fence and by the version it was decided
-- on, idempotent by its id. `mode` keeps the lease, releases it, or sets the thread aside.
-- The rows it adds to the audit cover all events up to its own: whoever has looked from another
-- event on, or chained them to another MAC, is told how far the audit is.
local stream, meta, snapshot, timers, run, queue, bell, dead, about, waiting = unpack(KEYS, 1, 10)
local audit, owing = KEYS[11], KEYS[12]
local thread, fence, id, expect = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local mode, reason, span = ARGV[5], ARGV[6], tonumber(ARGV[7])
local want, reservation = tonumber(ARGV[8]), tonumber(ARGV[9])
local folded, data = tonumber(ARGV[10]), ARGV[11]
local told, summary, asks, progress = ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local unanswered = ARGV[16]
local upto, before, after = tonumber(ARGV[17]), ARGV[18], ARGV[19]
local at = 20

local function list()
  local count = tonumber(ARGV[at])
  local first = at + 1
  return count, first
end

local held = redis.call('HMGET', run, 'f', 'l', 'c', 'cv')
if held[1] ~= fence then
  return {now, 'FENCED'}
end
local log = redis.call('HMGET', meta, 'v', 'au', 'am')
local version, covered, mac = tonumber(log[1] or 0), tonumber(log[2] or 0), log[3] or ''
if held[3] == id then
  return {now, 'OK', tonumber(held[4]), 0, {}, mac}
end
if not held[2] or version < expect then
  return {now, 'FENCED'}
end
if version > expect then
  return {now, 'CONFLICT', version, read(stream, expect)}
end

if covered ~= upto or mac ~= before then
  return {now, 'CHAIN', covered, mac}
end

local rows, first_row = list()
at = first_row + 2 * rows
local count, first = list()
for i = first, first + count - 1 do
  version = version + 1
  write(stream, version, ARGV[i])
end
for i = first_row, first_row + 2 * rows - 1, 2 do
  redis.call('XADD', audit, '*', 'r', ARGV[i], 'm', ARGV[i + 1])
end
redis.call('HSET', meta, 'v', version, 'au', version, 'am', after)
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
  if unanswered ~= '' then
    redis.call('ZADD', owing, unanswered, thread)
  else
    redis.call('ZREM', owing, thread)
  end
end
redis.call('HSET', run, 'c', id, 'cv', version)

if mode == 'keep' then
  redis.call('HSET', run, 'l', now + span)
  redis.call('ZADD', queue, now + span, thread)
  return {now, 'OK', version, 0, {}, after}
end
redis.call('HDEL', run, 'l', 'k')
if mode == 'aside' then
  redis.call('ZREM', queue, thread)
  redis.call('ZREM', owing, thread)
  redis.call('HSET', dead, thread, reason)
  return {now, 'OK', version, 0, {}, after}
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
return {now, 'OK', version, stamp, taken, after}
