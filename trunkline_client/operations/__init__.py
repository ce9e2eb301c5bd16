"""What may be asked, for the client that waits.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.operations.accounts import AccountsOperations
from trunkline_client.operations.agents import AgentsOperations
from trunkline_client.operations.analytics import AnalyticsOperations
from trunkline_client.operations.audit import AuditOperations
from trunkline_client.operations.bulk import BulkOperations
from trunkline_client.operations.calls import CallsOperations
from trunkline_client.operations.campaigns import CampaignsOperations
from trunkline_client.operations.clearances import ClearancesOperations
from trunkline_client.operations.compliance import ComplianceOperations
from trunkline_client.operations.contacts import ContactsOperations
from trunkline_client.operations.events import EventsOperations
from trunkline_client.operations.follow_ups import Follow_UpsOperations
from trunkline_client.operations.forecasts import ForecastsOperations
from trunkline_client.operations.health import HealthOperations
from trunkline_client.operations.people import PeopleOperations
from trunkline_client.operations.promises import PromisesOperations
from trunkline_client.operations.suppressions import SuppressionsOperations
from trunkline_client.operations.transfers import TransfersOperations
from trunkline_client.operations.webhooks import WebhooksOperations


class Operations(
    AccountsOperations,
    AgentsOperations,
    AnalyticsOperations,
    AuditOperations,
    BulkOperations,
    CallsOperations,
    CampaignsOperations,
    ClearancesOperations,
    ComplianceOperations,
    ContactsOperations,
    EventsOperations,
    Follow_UpsOperations,
    ForecastsOperations,
    HealthOperations,
    PeopleOperations,
    PromisesOperations,
    SuppressionsOperations,
    TransfersOperations,
    WebhooksOperations,
):
    """All of it."""
