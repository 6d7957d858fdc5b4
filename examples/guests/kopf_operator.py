"""An operator as kopf runs it: `kopf run --standalone -n default kopf_operator.py`."""

import kopf


@kopf.on.event("configmaps")
def seen(**_: object) -> None:
    pass
