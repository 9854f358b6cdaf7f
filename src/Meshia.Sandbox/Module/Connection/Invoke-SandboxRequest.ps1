function Invoke-SandboxRequest {
    # Sends one request to the part of the sandbox that the real service does not have. Each error names the command that the user typed.
    param(
        [Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory)] [string] $Method,
        [Parameter(Mandatory)] [string] $Path,
        [object] $Body,
        [switch] $Raw
    )

    if (-not $script:selected) {
        $exception = [System.InvalidOperationException]::new('No sandbox is selected. Run: Start-MeshiaSandbox -Connect | Select-MeshiaSandbox')
        $Caller.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($exception, 'NoSandbox', 'ConnectionError', $null))
    }

    $request = [System.Net.HttpWebRequest]::CreateHttp([uri]::new($script:selected.Uri, "/sandbox/$Path"))
    $request.Method = $Method
    # Nothing on loopback goes through a proxy: the request carries the key.
    $request.Proxy = $null
    $request.AllowAutoRedirect = $false
    # A step may deliver many webhooks to receivers that are slow.
    $request.Timeout = 600000
    $request.Headers['Authorization'] = 'Bearer ' + [System.Net.NetworkCredential]::new('', $script:selected.Key).Password
    try {
        if ($null -ne $Body) {
            $text = if ($Raw) { [string] $Body } else { ConvertTo-Json -InputObject $Body -Depth 50 -Compress }
            $bytes = [System.Text.Encoding]::UTF8.GetBytes($text)
            $request.ContentType = 'application/json'
            $request.ContentLength = $bytes.Length
            $stream = $request.GetRequestStream()
            try { $stream.Write($bytes, 0, $bytes.Length) } finally { $stream.Dispose() }
        }
        elseif ($Method -ne 'GET') { $request.ContentLength = 0 }
        $response = $request.GetResponse()
        try {
            $answer = [System.IO.StreamReader]::new($response.GetResponseStream()).ReadToEnd()
            if ($Raw -or -not $answer) { $answer } else { ConvertFrom-Json -InputObject $answer }
        }
        finally { $response.Dispose() }
    }
    catch [System.Net.WebException] {
        $record = ConvertTo-SandboxError $_.Exception $Path
        $Caller.ThrowTerminatingError($record)
    }
}

function ConvertTo-SandboxError([System.Net.WebException] $Failure, [string] $Path) {
    if (-not $Failure.Response) {
        $exception = [System.InvalidOperationException]::new("The sandbox at $($script:selected.Uri) does not answer: $($Failure.Message)", $Failure)
        return [System.Management.Automation.ErrorRecord]::new($exception, 'SandboxNotReached', 'ConnectionError', $Path)
    }
    $text = [System.IO.StreamReader]::new($Failure.Response.GetResponseStream()).ReadToEnd()
    $code, $message = 'SandboxError', "The sandbox answered $([int] $Failure.Response.StatusCode)."
    try {
        $answer = (ConvertFrom-Json -InputObject $text).error
        $code, $message = $answer.code, $answer.message
    }
    catch { Write-Debug 'The answer is not the JSON of an error.' }
    $category = if ([int] $Failure.Response.StatusCode -eq 404) { 'ObjectNotFound' } elseif ([int] $Failure.Response.StatusCode -eq 401) { 'AuthenticationError' } else { 'InvalidArgument' }
    [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($message), $code, $category, $Path)
}

function ConvertTo-SandboxObject {
    # The names of JSON as those of PowerShell: request_id becomes RequestId. Only the first level: what a request held stays as it was.
    param([Parameter(Mandatory)] [string] $Type, [Parameter(ValueFromPipeline)] [psobject] $InputObject)
    process {
        $members = [ordered] @{ PSTypeName = $Type }
        foreach ($property in $InputObject.PSObject.Properties) {
            $name = -join ($property.Name -split '_' | ForEach-Object { $_.Substring(0, 1).ToUpperInvariant() + $_.Substring(1) })
            $value = $property.Value
            if ($name -in 'At', 'CreatedAt', 'Now' -and $value) {
                $value = if ($value -is [datetime]) { [datetimeoffset] $value.ToUniversalTime() } else { [datetimeoffset]::Parse($value, [cultureinfo]::InvariantCulture) }
            }
            $members[$name] = $value
        }
        [pscustomobject] $members
    }
}
