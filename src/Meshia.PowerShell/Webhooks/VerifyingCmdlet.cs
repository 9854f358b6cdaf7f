using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary>What the cmdlets that take deliveries of webhooks have in common: the check of who sent them.</summary>
public abstract class VerifyingCmdlet : AsyncCmdlet
{
    /// <summary>The webhook's secret; the old and the new one while it is being replaced. SecureStrings, or plain strings.</summary>
    [Parameter]
    [SecretText]
    [ValidateSecret]
    [ValidateNotNullOrEmpty]
    public SecureString[] Secret { get; set; } = [];

    /// <summary>Accepts events without a check; anyone can send one.</summary>
    [Parameter]
    public SwitchParameter AllowUnverified { get; set; }

    /// <summary>Ends the cmdlet if it has neither -Secret nor -AllowUnverified, or both.</summary>
    protected override void BeginProcessing()
    {
        var problem = (Secret.Any(text => text.Length > 0), AllowUnverified.IsPresent) switch
        {
            (false, false) => "There is no secret to verify deliveries with. Give the secret of the webhook with -Secret. To accept events from anyone, use -AllowUnverified.",
            (true, true) => "Use either -Secret or -AllowUnverified, not both.",
            _ => null,
        };
        if (problem is not null)
            ThrowTerminatingError(StreamRecord.Error("InvalidSecret", ErrorCategory.InvalidArgument, null, $"{problem:long}"));
    }
}
