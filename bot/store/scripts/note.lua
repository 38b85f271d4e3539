-- One row of the chain of what concerns the whole bot; the same token again is the same row again.
-- Whoever chained it to another row than the last, or wants the audit to end elsewhere (`last`, ''
-- for anywhere), is told how it stands.
local audit, seen, noting = unpack(KEYS, 1, 3)
local kept, count, before, last = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local row, after = ARGV[5], ARGV[6]

if redis.call('EXISTS', seen) == 1 then
  return {now, 'DONE'}
end
local chain = redis.call('HMGET', noting, 'au', 'am')
local rows, mac = tonumber(chain[1] or 0), chain[2] or ''
if rows ~= count or mac ~= before then
  return {now, 'CHAIN', rows, mac}
end
if last ~= '' and last ~= ending(audit) then
  return {now, 'MORE'}
end
redis.call('SET', seen, 1, 'PX', kept)
redis.call('XADD', audit, '*', 'r', row, 'm', after)
redis.call('HSET', noting, 'au', rows + 1, 'am', after)
return {now, 'DONE'}
