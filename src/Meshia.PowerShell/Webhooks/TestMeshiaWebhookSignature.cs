using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary><c>Test-MeshiaWebhookSignature</c>: tells whether a delivery comes from who knows the secret.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MeshiaWebhookSignature", HelpUri = HelpAddress.Base + "Test-MeshiaWebhookSignature.md")]
[OutputType(typeof(bool))]
public sealed class TestMeshiaWebhookSignature : PSCmdlet
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
    public SecureString[] Secret { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        WriteObject(WebhookSignature.IsValid(IncomingDelivery.BytesOf(Body), Signature, Secret.Select(SecretText.Reveal)));
}
