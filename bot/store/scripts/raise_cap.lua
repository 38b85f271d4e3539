-- More allowance for one counter. The same raise again, on whatever day, is the same one.
local raise, counter = KEYS[1], KEYS[2]
local amount, day = ARGV[1], ARGV[2] -- day: '' for a thread's counter
local kept = 40 * 86400000

if redis.call('EXISTS', raise) == 1 then
  return {now, 'DONE'}
end
local today = math.floor(now / 86400000)
if day ~= '' and tonumber(day) ~= today then
  return {now, 'DAY', today}
end
redis.call('SET', raise, amount, 'PX', kept)
redis.call('HINCRBY', counter, 'r', amount)
if day ~= '' then
  redis.call('PEXPIREAT', counter, (today + 1) * 86400000 + kept)
end
return {now, 'DONE'}
