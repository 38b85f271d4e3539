-- What the server says of itself; a script, so that a cluster asks the node that keeps the bot.
return {now, redis.call('INFO')}
