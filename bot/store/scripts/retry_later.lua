-- Gives the lease back; due again after a while, or as soon as there is input.
local run, queue = KEYS[1], KEYS[2]
local thread, fence, delay = ARGV[1], ARGV[2], tonumber(ARGV[3])

if holds(run, fence) then
  redis.call('HDEL', run, 'l', 'k')
  redis.call('ZADD', queue, now + delay, thread)
end
return {now}
