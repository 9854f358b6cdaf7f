using System.Management.Automation;
using System.Security;
using System.Security.Cryptography;

namespace Meshia.PowerShell;

/// <summary><c>Register-MeshiaWebhook</c>: has the service send events to an address.</summary>
[Cmdlet(VerbsLifecycle.Register, "MeshiaWebhook", DefaultParameterSetName = EventSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Register-MeshiaWebhook.md")]
[OutputType(typeof(Webhook))]
public sealed class RegisterMeshiaWebhook : MeshiaCmdlet
{
    private const string EventSet = "Event";
    private const string AllSet = "AllEvents";

    /// <summary>As long as the hash that it is the key of: more adds nothing.</summary>
    private const int SecretBytes = 32;

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
    [ValidateSecret]
    [ValidateNotNull]
    public SecureString? Secret { get; set; }

    /// <summary>Makes a strong secret. It is the property Secret of what is written, this once; or goes into a vault with SecretName.</summary>
    [Parameter]
    public SwitchParameter GenerateSecret { get; set; }

    /// <summary>Keeps the secret in a vault under this name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SecretName { get; set; }

    /// <summary>The vault that keeps the secret; the default one where none is named.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VaultCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    /// <summary>Registers even where the same events are sent to the same address already, and replaces a secret of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var problem = this switch
        {
            { Secret: not null, GenerateSecret.IsPresent: true } => "Use either -Secret or -GenerateSecret, not both.",
            { SecretName: not null, Secret: null, GenerateSecret.IsPresent: false } => "-SecretName needs a secret. Add -GenerateSecret or -Secret.",
            { Vault: not null, SecretName: null } => "-Vault needs -SecretName, the name of the secret in the vault.",
            _ => null,
        };
        if (problem is not null)
            ThrowTerminatingError(StreamRecord.Error("InvalidSecret", ErrorCategory.InvalidArgument, SecretName, $"{problem}"));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess($"{Webhook.Shown(Uri!):long}", $"Register webhook"))
            return;
        var events = ParameterSetName == AllSet ? WebhookEventType.All : [.. Event.Select(name => name.ToLowerInvariant()).Distinct()];
        if (!Force && !IsNew(events))
            return;
        var secret = GenerateSecret ? MakeSecret() : Secret;
        if (SecretName is null)
            Register(events, secret);
        else
            RegisterKept(events, secret!);
    }

    /// <summary>Whether nothing sends these events to this address yet; an error says it where something does, or where that cannot be known.</summary>
    private bool IsNew(IReadOnlyList<string> events)
    {
        var isNew = false;
        RunFor(Uri!, async cancellationToken =>
        {
            await foreach (var webhook in Client.GetWebhooksAsync(Call, cancellationToken).ConfigureAwait(false))
            {
                if (!webhook.Sends(Uri!, events))
                    continue;
                OnPipelineThread(() => WriteExists(webhook));
                return;
            }

            isNew = true;
        });
        return isNew;
    }

    private void WriteExists(Webhook webhook) => WriteError(StreamRecord.Error(
        "webhook_exists",
        ErrorCategory.ResourceExists,
        Uri,
        $"Webhook {webhook.Id} already sends the same events to {Webhook.Shown(Uri!):long}.",
        $"Use it, or delete it first: Unregister-MeshiaWebhook {webhook.Id:command}. With -Force you get a second one, and each event twice."));

    /// <summary>Keeps the secret first: a webhook whose secret is lost can verify nothing.</summary>
    private void RegisterKept(IReadOnlyList<string> events, SecureString secret)
    {
        var keeper = new SecretVault(this, SecretVault.DefaultTimeout);
        try
        {
            var vault = Vault ?? keeper.DefaultVault();
            if (!Force && keeper.Contains(vault, SecretName!))
            {
                throw new SecretVaultException("SecretExists", ErrorCategory.ResourceExists, $"Vault '{vault}' already has a secret '{SecretName}'. Another receiver may use it. Use another name, or replace it with -Force.");
            }

            keeper.Set(vault, SecretName!, secret);
            if (!Register(events, secret))
                WriteWarning($"The secret stays in vault '{vault}' as '{SecretName}'. If the webhook was not registered, remove it: Remove-Secret -Name {SecretName:command} -Vault {vault:command}");
        }
        catch (SecretVaultException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord(SecretName));
        }
    }

    private bool Register(IReadOnlyList<string> events, SecureString? secret)
    {
        var isRegistered = false;
        RunFor(Uri!, async cancellationToken =>
        {
            var created = await Client.CreateWebhookAsync(Uri!, events, secret is null ? null : SecretText.Reveal(secret), Call, cancellationToken).ConfigureAwait(false);
            var webhook = PSObject.AsPSObject(created);
            if (GenerateSecret && SecretName is null)
                webhook.Properties.Add(new PSNoteProperty("Secret", secret));
            await EmitAsync(webhook, $"Webhook {created.Id} was registered. To remove it: Unregister-MeshiaWebhook {created.Id:command}").ConfigureAwait(false);
            isRegistered = true;
        });
        return isRegistered;
    }

    private static SecureString MakeSecret()
    {
        using var random = RandomNumberGenerator.Create();
        var bytes = new byte[SecretBytes];
        random.GetBytes(bytes);
        return SecretText.Protect(Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
    }

    private sealed class ValidateEventAttribute : ValidateEnumeratedArgumentsAttribute
    {
        protected override void ValidateElement(object element)
        {
            if (!WebhookEventType.All.Contains(element?.ToString(), StringComparer.OrdinalIgnoreCase))
                throw StreamRecord.Refusal($"'{element}' is not an event. Valid values: {WebhookEventType.All}");
        }
    }
}
