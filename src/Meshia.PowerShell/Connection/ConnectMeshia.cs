using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary><c>Connect-Meshia</c>: chooses the account and the service that the cmdlets of this session talk to.</summary>
[Cmdlet(VerbsCommunications.Connect, "Meshia", HelpUri = HelpAddress.Base + "Connect-Meshia.md")]
[OutputType(typeof(MeshiaConnection))]
public sealed class ConnectMeshia : PSCmdlet
{
    /// <summary>The API key: a SecureString, or a plain string.</summary>
    [Parameter(Position = 0)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <summary>Where the service is: https, or http on loopback.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public Uri? BaseUri { get; set; }

    /// <summary>How long one call may take, with every retry and every wait.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 300;

    /// <summary>How long one attempt of a call may take.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int RequestTimeoutSeconds { get; set; } = 100;

    /// <summary>How often a failed attempt is repeated.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; } = 5;

    /// <summary>Writes the connection.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var (text, source) = ApiKey is not null
            ? (SecretText.Reveal(ApiKey), "Parameter")
            : (Environment.GetEnvironmentVariable(CurrentConnection.KeyVariable), "Environment");
        if (string.IsNullOrEmpty(text) && ApiKey is null)
        {
            var failure = new ArgumentException($"There is no API key. Give one with -ApiKey, or in the environment variable {CurrentConnection.KeyVariable}; to try without an account, use Start-MeshiaSandbox -Connect.", nameof(ApiKey));
            ThrowTerminatingError(new ErrorRecord(failure, "NoApiKey", ErrorCategory.InvalidArgument, null));
        }

        MeshiaConnection connection;
        try
        {
            connection = new MeshiaConnection(new ApiKey(text!), source, new()
            {
                BaseUri = BaseUri ?? CurrentConnection.DefaultAddress(),
                TotalTimeout = TimeSpan.FromSeconds(TimeoutSeconds),
                RequestTimeout = TimeSpan.FromSeconds(RequestTimeoutSeconds),
                MaxRetries = MaximumRetryCount,
            });
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(new ErrorRecord(failure, "InvalidConnection", ErrorCategory.InvalidArgument, BaseUri));
            return;
        }

        CurrentConnection.Set(connection);
        if (PassThru)
            WriteObject(connection);
    }
}
