-- Hands out due threads, each reserved until the stamp.
local queue, bell = KEYS[1], KEYS[2]
local count, span = tonumber(ARGV[1]), tonumber(ARGV[2])

local stamp, taken = reserve(queue, count, span)
if #taken < count then
  redis.call('DEL', bell) -- nothing else is due: no reason to wake for what has been handed out
end
local first = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
local wait = -1
if first[2] then
  wait = math.max(0, math.ceil(tonumber(first[2])) - now)
end
return {now, stamp, wait, taken}
