"""A discrete-event simulation of the chain, for what closed formulas cannot give: distributions. Pure."""
