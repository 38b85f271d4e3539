-- What is held of a thread besides its log.
local timers, run, queue, dead = unpack(KEYS, 1, 4)
local thread = ARGV[1]

local held = redis.call('HMGET', run, 'l', 'a')
local leased = held[1] and tonumber(held[1]) >= now
local score = tonumber(redis.call('ZSCORE', queue, thread) or -1)
local ready = not leased and score >= 0 and score <= now
return {
  now, leased and 1 or 0, ready and 1 or 0, tonumber(held[2] or 0),
  redis.call('HGET', dead, thread) or '', redis.call('ZRANGE', timers, 0, -1, 'WITHSCORES'),
}
