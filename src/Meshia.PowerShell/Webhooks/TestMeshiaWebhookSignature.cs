using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary><c>Test-MeshiaWebhookSignature</c>: tells whether a delivery comes from who knows the secret.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MeshiaWebhookSignature", HelpUri = HelpAddress.Base + "Test-MeshiaWebhookSignature.md")]
[OutputType(typeof(bool))]
public sealed class TestMeshiaWebhookSignature : TextCmdlet
{
    /// <summary>The body exactly as it was received: bytes, or their text.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("RawBody", "RequestBody")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Body { get; set; }

    /// <summary>The value of the header X-Meshia-Signature.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string? Signature { get; set; }

    /// <summary>The webhook's secret; the old and the new one while it is being replaced. SecureStrings, or plain strings.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [SecretText]
    [ValidateSecret]
    public SecureString[] Secret { get; set; } = [];

    /// <summary>How old the time stamp of the event may be; any age without it.</summary>
    [Parameter]
    [Duration]
    [ValidateAge]
    public TimeSpan? MaximumAge { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var body = IncomingDelivery.BytesOf(Body);
        WriteObject(WebhookSignature.IsValid(body, Signature, Secret.Select(SecretText.Reveal)) && (MaximumAge is not { } age || IsFresh(body!, age)));
    }

    private static bool IsFresh(byte[] body, TimeSpan maximumAge)
    {
        try
        {
            WebhookEvent.ReadUnverified(body).RequireFresh(maximumAge, DateTimeOffset.UtcNow);
            return true;
        }
        catch (Exception failure) when (failure is WebhookAgeException or FormatException)
        {
            // What is too old, or is no event with a time, is not valid.
            return false;
        }
    }
}
