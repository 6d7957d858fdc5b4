"""The official Python client: one thread follows the ConfigMaps, another asks for the version twice a second."""

import threading
import time

from kubernetes import client, config, watch

config.load_kube_config("/root/config")


def follow() -> None:
    while True:
        try:
            for _ in watch.Watch().stream(client.CoreV1Api().list_namespaced_config_map, "default"):
                pass
        except Exception as error:
            print("watch:", repr(error), flush=True)
            time.sleep(1)


threading.Thread(target=follow, daemon=True).start()
while True:
    try:
        client.VersionApi().get_code()
    except Exception as error:
        print("request:", repr(error), flush=True)
    time.sleep(0.5)
