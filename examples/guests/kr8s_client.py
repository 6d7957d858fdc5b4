"""kr8s: one task follows the ConfigMaps, another asks for the version twice a second."""

import asyncio

import kr8s.asyncio


async def follow() -> None:
    while True:
        try:
            api = await kr8s.asyncio.api(kubeconfig="/root/config")
            async for _ in api.watch("configmaps", namespace="default"):
                pass
        except Exception as error:
            print("watch:", repr(error), flush=True)
            await asyncio.sleep(1)


async def ask() -> None:
    api = await kr8s.asyncio.api(kubeconfig="/root/config")
    while True:
        try:
            await api.version()
        except Exception as error:
            print("request:", repr(error), flush=True)
        await asyncio.sleep(0.5)


async def main() -> None:
    await asyncio.gather(follow(), ask())


asyncio.run(main())
