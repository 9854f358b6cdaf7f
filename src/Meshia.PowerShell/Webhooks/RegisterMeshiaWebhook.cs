using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary><c>Register-MeshiaWebhook</c>: has the service send events to an address.</summary>
[Cmdlet(VerbsLifecycle.Register, "MeshiaWebhook", DefaultParameterSetName = EventSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Register-MeshiaWebhook.md")]
[OutputType(typeof(Webhook))]
public sealed class RegisterMeshiaWebhook : MeshiaCmdlet
{
    private const string EventSet = "Event";
    private const string AllSet = "AllEvents";

    /// <summary>Where events go: https, or http on loopback for a sandbox.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Url")]
    [ValidateReceiver]
    public Uri? Uri { get; set; }

    /// <summary>The events to send.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = EventSet)]
    [ArgumentCompleter(typeof(WebhookEventCompleter))]
    [ValidateEvent]
    public string[] Event { get; set; } = [];

    /// <summary>Sends every documented event.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AllSet)]
    public SwitchParameter AllEvents { get; set; }

    /// <summary>Signs what is sent; a SecureString, or a plain string.</summary>
    [Parameter]
    [SecretText]
    [ValidateNotNull]
    public SecureString? Secret { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess(Uri!.GetLeftPart(UriPartial.Path), "Register webhook"))
            return;
        var events = ParameterSetName == AllSet ? WebhookEvent.All : [.. Event.Select(name => name.ToLowerInvariant()).Distinct()];
        RunFor(Uri, async cancellationToken =>
            await EmitAsync(await Client.CreateWebhookAsync(Uri, events, Secret is null ? null : SecretText.Reveal(Secret), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private sealed class ValidateReceiverAttribute : ValidateArgumentsAttribute
    {
        protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
        {
            if (arguments is not Uri { IsAbsoluteUri: true } uri || (uri.Scheme != System.Uri.UriSchemeHttps && !(uri.Scheme == System.Uri.UriSchemeHttp && uri.IsLoopback)))
                throw new ValidationMetadataException($"'{arguments}' is not an https address. A right one: https://your-server.com/meshia-hook");
        }
    }

    private sealed class ValidateEventAttribute : ValidateEnumeratedArgumentsAttribute
    {
        protected override void ValidateElement(object element)
        {
            if (!WebhookEvent.All.Contains(element?.ToString(), StringComparer.OrdinalIgnoreCase))
                throw new ValidationMetadataException($"'{element}' is not an event. Right ones: {string.Join(", ", WebhookEvent.All)}");
        }
    }
}
