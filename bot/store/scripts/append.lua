-- An input: absorbed if it is known, else the next event of its thread, which becomes due.
-- Nothing is written before the event itself is.
local stream, meta, run, queue, bell, dead, index = unpack(KEYS, 1, 7)
local thread, event, may, attempts = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local dedupe, day, span = ARGV[5], ARGV[6], ARGV[7]
local days = day ~= '' and 4 or 1 -- dedupe keys: two days ago, yesterday, today, tomorrow; or one
local aliases = 8 + days

if day ~= '' and tonumber(day) ~= math.floor(now / 86400000) then
  return {now, 'DAY', math.floor(now / 86400000)}
end
for i = 8, 7 + days do
  local seen
  if day ~= '' then
    seen = redis.call('HGET', KEYS[i], dedupe)
  else
    seen = redis.call('GET', KEYS[i])
  end
  if seen then
    local seq, where = string.match(seen, '^(%d+) (.*)$')
    return {now, 'SAME', where, tonumber(seq)}
  end
end

local version = tonumber(redis.call('HGET', meta, 'v') or 0)
if may == 'known' then -- a thread by its id
  if version == 0 then
    return {now, 'NONE'}
  end
else -- the thread of the first known reference; `thread` is what the client takes it for
  local known = false
  for i = aliases, #KEYS do
    known = known or redis.call('GET', KEYS[i])
  end
  if known and known ~= thread then
    return {now, 'MOVED', known}
  end
  if not known and may ~= 'open' then
    return {now, 'NONE'}
  end
end

version = version + 1
write(stream, version, event)
redis.call('HSET', meta, 'v', version)
redis.call('ZADD', index, now, thread)
for i = aliases, #KEYS do
  redis.call('SET', KEYS[i], thread, 'NX')
end
local mark = version .. ' ' .. thread
if day ~= '' then
  redis.call('HSET', KEYS[10], dedupe, mark)
  if redis.call('HLEN', KEYS[10]) == 1 then
    redis.call('PEXPIREAT', KEYS[10], (tonumber(day) + 4) * 86400000)
  end
else
  redis.call('SET', KEYS[8], mark, 'PX', span)
end

if redis.call('HDEL', dead, thread) == 1 then
  redis.call('HSET', run, 'a', attempts - 1) -- one more try
end
local lease = redis.call('HGET', run, 'l')
local score = tonumber(redis.call('ZSCORE', queue, thread) or -1)
local coming = score > now and (score ~= math.floor(score) or (lease and tonumber(lease) >= now))
if not coming and (score < 0 or score > now) then
  redis.call('ZADD', queue, now, thread)
  ring(bell)
end
return {now, 'DONE', thread, version}
