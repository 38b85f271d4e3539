-- The worst case of a call on every counter, or on none of them. A call that is known is booked.
-- Keys: the booking, the thread's counter, then those of the day. A counter is a hash: s what is
-- spent or booked, r what its cap was raised by (micro-dollars).
local booking = KEYS[1]
local thread, person, day, amount = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local caps = 3 -- from KEYS[2] to the ARGV of its cap, '' for none
local kept = 40 * 86400000

if redis.call('EXISTS', booking) == 1 then
  return {now, 'DONE'}
end
local today = math.floor(now / 86400000)
if day ~= today then
  return {now, 'DAY', today}
end
for i = 2, #KEYS do
  local cap = tonumber(ARGV[i + caps])
  local held = redis.call('HMGET', KEYS[i], 's', 'r')
  local spent = tonumber(held[1] or 0)
  local limit = (cap or 0) + tonumber(held[2] or 0)
  if cap and spent + amount > limit then
    return {now, 'OVER', i - 2, spent, limit}
  end
end

redis.call('HSET', booking, 't', thread, 'p', person, 'd', day, 'b', amount)
redis.call('PEXPIRE', booking, kept)
for i = 2, #KEYS do
  redis.call('HINCRBY', KEYS[i], 's', amount)
  if i > 2 then
    redis.call('PEXPIREAT', KEYS[i], (day + 1) * 86400000 + kept)
  end
end
return {now, 'DONE'}
