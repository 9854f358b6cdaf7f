using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Checks that an address is one that events may be sent to: https, or http on this machine.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValidateReceiverAttribute : ValidateArgumentsAttribute
{
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is not Uri { IsAbsoluteUri: true } uri || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            throw StreamRecord.Refusal($"'{arguments}' is not an https address. Example: https://your-server.com/meshia-hook");
    }
}
