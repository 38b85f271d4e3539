-- Gives the lease back; due again after a while, or as soon as there is input.
local run, queue, bell = unpack(KEYS, 1, 3)
local thread, fence, delay = ARGV[1], ARGV[2], tonumber(ARGV[3])

if holds(run, fence) then
  redis.call('HDEL', run, 'l', 'k')
  redis.call('ZADD', queue, now + delay, thread)
  ring(bell) -- whoever sleeps learns when to look next
end
return {now}
