"""`services`: what there is to act on."""

from pydantic import BaseModel, ConfigDict

from agents.port import Caller, Catalogue, Result, Risk, Service, Tool
from agents.tools.plain import plan_of


class Services(BaseModel):
    """No arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def services_tool(catalogue: Catalogue) -> Tool:
    """Lists the services and their environments, as the catalogue has them when asked."""

    async def run(params: BaseModel, caller: Caller) -> Result:  # noqa: ARG001
        return Result(text=_listed(catalogue.services()))

    return Tool(
        name="services",
        summary="The services and their environments",
        params=Services,
        risk=Risk.READ,
        idempotent=True,
        plan=plan_of("services"),
        run=run,
    )


def _listed(services: tuple[Service, ...]) -> str:
    if not services:
        return "There are no services yet: they are the tables [services.NAME] of the settings."
    return "\n".join(_line(each) for each in services)


def _line(service: Service) -> str:
    also = f" (also {', '.join(service.aliases)})" if service.aliases else ""
    at = f" at {', '.join(service.hosts)}" if service.hosts else ""
    return f"- {service.name}{also}: {', '.join(service.environments)}{at}"
