using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary><c>Select-MeshiaSandbox</c>: chooses the sandbox that the other cmdlets of the module control.</summary>
[Cmdlet(VerbsCommon.Select, "MeshiaSandbox", DefaultParameterSetName = SandboxSet, HelpUri = HelpAddress.Base + "Select-MeshiaSandbox.md")]
[OutputType(typeof(void))]
public sealed class SelectMeshiaSandbox : SandboxCmdlet
{
    private const string SandboxSet = "Sandbox";
    private const string AddressSet = "Address";

    /// <summary>What Start-MeshiaSandbox or Get-MeshiaSandbox returns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SandboxSet)]
    [ValidateNotNull]
    public MeshiaSandbox? Sandbox { get; set; }

    /// <summary>The address of a sandbox; its path does not count.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AddressSet)]
    [ArgumentCompleter(typeof(SandboxAddressCompleter))]
    [ValidateNotNull]
    public Uri? BaseUri { get; set; }

    /// <summary>The key with which the sandbox was started.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AddressSet)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Sandbox is { Running: var running })
        {
            if (!running.IsRunning)
                WriteError(StreamRecord.Error("SandboxEnded", ErrorCategory.ObjectNotFound, running.ProcessId, $"The sandbox with process id {running.ProcessId} has ended. Nothing is chosen.", $"Run Get-MeshiaSandbox to see those that run."));
            else if (running.Key is { } known)
                Select(running, new(running.BaseUri, known));
            else
                WriteError(StreamRecord.Error("NoSandboxKey", ErrorCategory.AuthenticationError, running.ProcessId, $"The key of this sandbox was given to Start-MeshiaSandbox -ApiKey, and is not known here. Give the key: Select-MeshiaSandbox -BaseUri {running.BaseUri} -ApiKey …"));
            return;
        }

        if (!BaseUri!.IsAbsoluteUri || BaseUri.UserInfo.Length > 0 || !(BaseUri.Scheme == Uri.UriSchemeHttps || (BaseUri.Scheme == Uri.UriSchemeHttp && BaseUri.IsLoopback)))
        {
            ThrowTerminatingError(StreamRecord.Error("InvalidBaseUri", ErrorCategory.InvalidArgument, null, $"-BaseUri must be the https address of a sandbox, or an http address on this machine, like http://127.0.0.1:8080, without a user name."));
            return;
        }

        try
        {
            Select(null, new(BaseUri, new ApiKey(SecretText.Reveal(ApiKey!))));
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidApiKey", null));
        }
    }
}
