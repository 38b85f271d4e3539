-- Put before every script. Replies begin with the server's clock, so that clients keep theirs by it.
--
-- The queue is one sorted set of threads; the score is when to look next, in ms:
--   whole    due since then, asleep until a timer, or leased until then (`l` of its run hash is set)
--   and .5   reserved by a claim until then, not opened yet
-- So whatever a dead worker leaves behind comes due by itself.
--
-- Run hash of a thread: f fence, l end of the lease (absent: none), a attempts, k token of the
-- open, c id of the last commit, cv the version it made, r token of the last revival.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local PAGE = 200 -- events a reply; the client reads the rest, which can not change
local BELLS = 256 -- a bell nobody waits for need not be rung more often

local function ring(bell)
  if redis.call('LLEN', bell) < BELLS then
    redis.call('LPUSH', bell, 1)
  end
end

local function write(stream, version, event)
  redis.call('XADD', stream, version .. '-0', 'd', event)
end

local function read(stream, after)
  return redis.call('XRANGE', stream, (after + 1) .. '-0', '+', 'COUNT', PAGE)
end

-- Due timers become events; the new version. The id up to its first ":" is the purpose.
local function fire(stream, meta, timers, version)
  local due = redis.call('ZRANGE', timers, '-inf', now, 'BYSCORE')
  for _, id in ipairs(due) do
    version = version + 1
    write(stream, version, cjson.encode({
      v = 1, at = now, kind = 'timer_fired', id = id, purpose = string.match(id, '^[^:]*'),
    }))
    redis.call('ZREM', timers, id)
  end
  if #due > 0 then
    redis.call('HSET', meta, 'v', version)
  end
  return version
end

-- Reserves up to `count` due threads for `span` ms: their stamp, then their names.
local function reserve(queue, count, span)
  local stamp = now + span
  local taken = redis.call('ZRANGE', queue, '-inf', now, 'BYSCORE', 'LIMIT', 0, count)
  for _, thread in ipairs(taken) do
    redis.call('ZADD', queue, stamp + 0.5, thread)
  end
  return stamp, taken
end

local function holds(run, fence)
  local held = redis.call('HMGET', run, 'f', 'l')
  return held[1] == fence and held[2]
end

-- The id of the last entry of a stream.
local function ending(stream)
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  return last[1] and last[1][1] or '0-0'
end
