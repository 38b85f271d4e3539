-- What waits, however much there is: sizes, the oldest, and a sample of the summaries.
local queue, dead, about, waiting, owing = unpack(KEYS, 1, 5)
local most = tonumber(ARGV[1])

-- What came in and has not been looked at is owed an answer as well.
local due = redis.call('ZRANGE', queue, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
local owed = redis.call('ZRANGE', owing, 0, 0, 'WITHSCORES')
local oldest = math.min(tonumber(due[2] or now + 1), tonumber(owed[2] or now + 1))
local asking = redis.call('SRANDMEMBER', waiting, most)
return {
  now, redis.call('ZCOUNT', queue, '-inf', now), oldest <= now and math.floor(oldest) or -1,
  redis.call('HLEN', dead), redis.call('SCARD', waiting),
  #asking > 0 and redis.call('HMGET', about, unpack(asking)) or {},
}
