-- What a call really cost in place of what was booked, once, on the counters it was booked on.
-- A call whose booking is not there (a fail-over lost it) was paid for all the same.
-- Keys: as of reserve.
local booking = KEYS[1]
local thread, person, day, amount = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = 40 * 86400000

local held = redis.call('HMGET', booking, 't', 'p', 'd', 'b', 'c')
if held[5] then
  return {now, 'DONE'}
end
local known = held[1]
if not known then
  held = {thread, person, math.floor(now / 86400000), 0}
end
if held[1] ~= thread or held[2] ~= person or tonumber(held[3]) ~= day then
  return {now, 'ELSEWHERE', held[1], held[2], tonumber(held[3])}
end

redis.call('HSET', booking, 't', thread, 'p', person, 'd', day, 'b', held[4], 'c', amount)
if not known then
  redis.call('PEXPIRE', booking, kept)
end
for i = 2, #KEYS do
  redis.call('HINCRBY', KEYS[i], 's', amount - tonumber(held[4]))
  if i > 2 then
    redis.call('PEXPIREAT', KEYS[i], (day + 1) * 86400000 + kept)
  end
end
return {now, 'DONE'}
