using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>ConvertFrom-MeshiaWebhook</c>: turns a delivery into its event, once its signature is found right.</summary>
[Cmdlet(VerbsData.ConvertFrom, "MeshiaWebhook", DefaultParameterSetName = InputSet, HelpUri = HelpAddress.Base + "ConvertFrom-MeshiaWebhook.md")]
[OutputType(typeof(WebhookEvent))]
public sealed class ConvertFromMeshiaWebhook : VerifyingCmdlet
{
    private const string InputSet = "InputObject";
    private const string BodySet = "Body";

    /// <summary>What the platform handed over: $WebhookData of Azure Automation, a request of Azure Functions, HttpListener or ASP.NET Core.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = InputSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>The body exactly as it was received: bytes, or their text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BodySet)]
    [ValidateNotNull]
    public object? Body { get; set; }

    /// <summary>The headers of the request, names in any case.</summary>
    [Parameter(ParameterSetName = BodySet)]
    public object? Headers { get; set; }

    /// <summary>How old the time stamp of the event may be; any age without it.</summary>
    [Parameter]
    [Duration]
    [ValidateAge]
    public TimeSpan? MaximumAge { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            Run(async cancellationToken =>
            {
                var delivery = ParameterSetName == InputSet
                    ? await IncomingDelivery.FromAsync(InputObject, cancellationToken).ConfigureAwait(false)
                    : new IncomingDelivery(IncomingDelivery.BytesOf(Body) ?? throw new FormatException("-Body must be the body as it was received: bytes or text, not objects."), IncomingDelivery.SignatureIn(Headers));
                var received = AllowUnverified
                    ? WebhookEvent.ReadUnverified(delivery.Body)
                    : WebhookEvent.ReadVerified(delivery.Body, delivery.Signature, Secret.Select(SecretText.Reveal));
                if (MaximumAge is { } age)
                    received.RequireFresh(age, DateTimeOffset.UtcNow);
                await EmitAsync(received).ConfigureAwait(false);
            });
        }
        catch (WebhookSignatureException failure)
        {
            WriteError(StreamRecord.Error(
                failure,
                "invalid_signature",
                ErrorCategory.SecurityError,
                InputObject ?? Body,
                advice: $"Do not act on it. If you expected this delivery, compare the secret with that of the webhook."));
        }
        catch (WebhookAgeException failure)
        {
            WriteError(StreamRecord.Error(
                failure,
                "stale_event",
                ErrorCategory.SecurityError,
                InputObject ?? Body,
                advice: $"Do not act on it: it may be a replay. If it was only late, increase -MaximumAge."));
        }
        catch (Exception failure) when (failure is FormatException or IOException)
        {
            WriteError(StreamRecord.Error(failure, "invalid_event", ErrorCategory.InvalidData, InputObject ?? Body));
        }
    }
}
