-- How far the chain of a thread is, and where the audit's stream ends at this moment.
local meta, audit = KEYS[1], KEYS[2]

local log = redis.call('HMGET', meta, 'v', 'au', 'am')
return {now, tonumber(log[1] or 0), tonumber(log[2] or 0), log[3] or '', ending(audit)}
