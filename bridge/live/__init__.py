"""The live driver: sources, pipelines and sinks in one asyncio loop."""
