-- One row of the audit stream; the same token again is the same row again.
local audit, seen = KEYS[1], KEYS[2]
if redis.call('SET', seen, 1, 'NX', 'PX', ARGV[1]) then
  redis.call('XADD', audit, '*', unpack(ARGV, 2))
end
return {now}
