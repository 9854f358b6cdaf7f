using System.Collections;
using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary><c>Send-MeshiaWebhook</c>: delivers a sample event to a receiver, to test it without the service.</summary>
[Cmdlet(VerbsCommunications.Send, "MeshiaWebhook", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Send-MeshiaWebhook.md")]
[OutputType(typeof(WebhookDelivery))]
public sealed class SendMeshiaWebhook : AsyncCmdlet
{
    /// <summary>The receiver: https, or http on loopback.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Url")]
    [ValidateReceiver]
    public Uri? Uri { get; set; }

    /// <summary>The events to send, one after the other.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(WebhookSampleCompleter))]
    [ValidateSample]
    public string[] EventType { get; set; } = [WebhookEventType.Ping];

    /// <summary>Signs what is sent, as the service does; a SecureString, or a plain string.</summary>
    [Parameter]
    [SecretText]
    [ValidateSecret]
    [ValidateNotNull]
    public SecureString? Secret { get; set; }

    /// <summary>The session that the event is about; a sample id without it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SessionId { get; set; }

    /// <summary>Fields of the event's data, instead of those of the sample.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Data { get; set; }

    /// <summary>How long to wait for the receiver's answer.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int TimeoutSeconds { get; set; } = 10;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var eventType in EventType.Select(name => name.ToLowerInvariant()))
        {
            if (!ShouldProcess($"{Webhook.Shown(Uri!):long}", $"Send sample {eventType}{(SessionId is null ? "" : $" of {SessionId}")}"))
                continue;
            try
            {
                var data = (Dictionary<string, object?>)PlainValues.FromPowerShell(Data ?? new Hashtable())!;
                var body = WebhookSample.Body(eventType, DateTimeOffset.UtcNow, SessionId, data);
                Run(async cancellationToken => await EmitAsync(await WebhookDelivery.SendAsync(
                    Uri!, eventType, body, Secret is null ? null : SecretText.Reveal(Secret), TimeSpan.FromSeconds(TimeoutSeconds), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
            }
            catch (MeshiaException failure)
            {
                WriteError(MeshiaCmdlet.Record(failure, Uri));
            }
            catch (ArgumentException failure)
            {
                WriteError(failure.ToErrorRecord("InvalidArgument", Data));
            }
        }
    }

    private sealed class ValidateSampleAttribute : ValidateEnumeratedArgumentsAttribute
    {
        protected override void ValidateElement(object element)
        {
            if (!WebhookSampleCompleter.Words.Contains(element?.ToString(), StringComparer.OrdinalIgnoreCase))
                throw StreamRecord.Refusal($"'{element}' is not an event. Valid values: {WebhookSampleCompleter.Words}");
        }
    }
}
