using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Reads the argument of <c>-Once</c>.</summary>
internal static class SessionKey
{
    /// <summary>The token of a key; null if the parameter was not given. A key that is empty ends the cmdlet with an error.</summary>
    public static bool TryRead(PSCmdlet cmdlet, string? once, out string? token)
    {
        token = null;
        if (!cmdlet.MyInvocation.BoundParameters.ContainsKey("Once"))
            return true;
        try
        {
            token = OnceKey.From(once).Token;
            return true;
        }
        catch (ArgumentException failure)
        {
            cmdlet.ThrowTerminatingError(failure.ToErrorRecord("InvalidOnce", once));
            return false;
        }
    }
}
