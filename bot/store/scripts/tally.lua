-- The place of a member among those that were counted under a name: the first is 1. A member that
-- comes again has the place it had.
local key, member, kept = KEYS[1], ARGV[1], tonumber(ARGV[2])

if not redis.call('ZSCORE', key, member) then
  redis.call('ZADD', key, redis.call('ZCARD', key) + 1, member)
  redis.call('PEXPIRE', key, kept)
end
return {now, tonumber(redis.call('ZSCORE', key, member))}
