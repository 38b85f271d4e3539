from bot.events import *
from bot.store.port import Batch, Snapshot
from datetime import timedelta
from channels.port import *
def msg(t="hi"): return MessageReceived(by=Author(channel="c",id="U"),person=None,address=Address(channel="c",room="r"),text=t,audience=())
async def test_a(store):
    a=await store.append(["r1"],msg(),dedupe="d1")
    print(a, await store.append(["r1"],msg(),dedupe="d1"), await store.append(["r9","r1"],msg("2"),dedupe="d2"))
    c=await store.claim(2); print(c)
    o=await store.open(c.claims[0],token="t",have=0); print(o)
    print(await store.execution(a.thread))
    b=Batch(id="1",expect=o.version,events=(msg("x"),),timers_set={"approval:1":store.now()+timedelta(milliseconds=-1)},about=b"A",waiting=True,snapshot=Snapshot(version=2,data=b"\xff"))
    print(await store.commit(a.thread,o.fence,b), await store.commit(a.thread,o.fence,b))
    print(await store.renew(a.thread,o.fence), await store.events(a.thread))
    print(await store.commit(a.thread,o.fence,Batch(id="2",expect=3)))
    print(await store.release(a.thread,o.fence,Batch(id="2",expect=4,waiting=True),want=3))
    print(await store.threads(limit=3), await store.threads(limit=3,waiting=True), await store.snapshot(a.thread), await store.dead(), [x async for x in store.all_threads()])
    await store.set_cursor("a","b"); print(await store.cursor("a"), await store.cursor("z")); await store.note({"a":"b"})
    print(await store.rebuild(a.thread,version=4,timers={},about=b"",waiting=False), await store.find("r9"), await store.exists(a.thread))
    await store.idle(0.1)
    print(await store.checks())
    async for e in store.follow(a.thread, after=3): print(e); break
