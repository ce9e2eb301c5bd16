"""What may be asked, for the client that is awaited.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.async_operations.accounts import AsyncAccountsOperations
from trunkline_client.async_operations.agents import AsyncAgentsOperations
from trunkline_client.async_operations.analytics import AsyncAnalyticsOperations
from trunkline_client.async_operations.audit import AsyncAuditOperations
from trunkline_client.async_operations.bulk import AsyncBulkOperations
from trunkline_client.async_operations.calls import AsyncCallsOperations
from trunkline_client.async_operations.campaigns import AsyncCampaignsOperations
from trunkline_client.async_operations.clearances import AsyncClearancesOperations
from trunkline_client.async_operations.compliance import AsyncComplianceOperations
from trunkline_client.async_operations.contacts import AsyncContactsOperations
from trunkline_client.async_operations.events import AsyncEventsOperations
from trunkline_client.async_operations.follow_ups import AsyncFollow_UpsOperations
from trunkline_client.async_operations.forecasts import AsyncForecastsOperations
from trunkline_client.async_operations.health import AsyncHealthOperations
from trunkline_client.async_operations.people import AsyncPeopleOperations
from trunkline_client.async_operations.promises import AsyncPromisesOperations
from trunkline_client.async_operations.suppressions import AsyncSuppressionsOperations
from trunkline_client.async_operations.transfers import AsyncTransfersOperations
from trunkline_client.async_operations.webhooks import AsyncWebhooksOperations


class Operations(
    AsyncAccountsOperations,
    AsyncAgentsOperations,
    AsyncAnalyticsOperations,
    AsyncAuditOperations,
    AsyncBulkOperations,
    AsyncCallsOperations,
    AsyncCampaignsOperations,
    AsyncClearancesOperations,
    AsyncComplianceOperations,
    AsyncContactsOperations,
    AsyncEventsOperations,
    AsyncFollow_UpsOperations,
    AsyncForecastsOperations,
    AsyncHealthOperations,
    AsyncPeopleOperations,
    AsyncPromisesOperations,
    AsyncSuppressionsOperations,
    AsyncTransfersOperations,
    AsyncWebhooksOperations,
):
    """All of it."""
