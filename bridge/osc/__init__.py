"""The OSC namespace and what listens to it; the sink that sends it is ``bridge.sinks.osc``."""
